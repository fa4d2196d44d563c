"""What a function's body does: network, mail, payments, writes, with the lines that say so."""
