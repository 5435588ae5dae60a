"""Use cases of money: settle commissions, take payments, issue papers, prove the books."""
