"""Family `text-linear`: logistic regression on weighted n-grams of words (TF-IDF)."""
