"""What the pages of hub and builder share: one design, two languages."""
