"""The Google room: Cloud Channel opportunities, and CRM Partners leads where a partner has them."""
