"""What is shown: the `soundcheck` command, plain lines, JSON, and the terminal app in `screens/app`."""
