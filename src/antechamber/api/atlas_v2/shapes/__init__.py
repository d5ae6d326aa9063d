"""What the wire shows and takes, one file a noun. Fields of answers stand in alphabetical order."""
