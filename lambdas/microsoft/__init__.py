"""The Microsoft room: Partner Center referrals."""
