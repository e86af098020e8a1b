"""What instruments work out before a picture can be drawn: plain arrays in, plain arrays out."""
