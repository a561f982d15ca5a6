"""Who does what when: take a case, run the flow it is given, classify the outcome."""
