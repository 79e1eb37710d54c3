"""What is done: recognise what was pasted, the steps and their resume, the guard, the fixes."""
