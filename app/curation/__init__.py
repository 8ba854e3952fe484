"""What curators decide: `services` changes it, `backup` takes it out of the database and back."""
