//! Reading documents: the YAML test suite, hostile files, places, properties, and the words for
//! broken files.

//mod hostile;
//mod hostile_inputs;
mod places;
mod properties;
mod words;
mod yaml_suite;
