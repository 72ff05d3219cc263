"""The wizard's steps without a screen: fields, choices, help, when they apply. Screens and prompts render them."""
