"""The set-up wizard on screen: a rail of eight steps, one question at a time. What a step does stands in `wizard`."""
