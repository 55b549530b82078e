//! Prints the policy as a table (see tests).
