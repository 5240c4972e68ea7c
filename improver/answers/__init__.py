"""What can be asked, and how it is answered; `improver.read` names all of it."""
