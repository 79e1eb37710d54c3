"""Shell completion: the words of the command, and one generator for each shell."""
