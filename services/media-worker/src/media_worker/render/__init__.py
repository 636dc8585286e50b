"""Pictures and sound: clips drawn frame by frame, assembled without encoding them again."""
