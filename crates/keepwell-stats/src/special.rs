//! Distribution functions and their inverses, to the accuracy of SciPy.
