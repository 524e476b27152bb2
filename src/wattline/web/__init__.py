"""What pages share: templates, formatting, drawing, sessions, security headers and the files browsers load."""
