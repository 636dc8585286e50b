"""The neural voice that needs no network: Kokoro-82M, in Chinese and English."""
