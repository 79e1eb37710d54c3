"""What is asked: probes that collect evidence, judgements over it, the verdict, the report."""
