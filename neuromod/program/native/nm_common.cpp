// What is the same in every program, compiled once.
#include "nm_arrays.cpp"
#include "nm_drawn.cpp"
#include "nm_pathway.cpp"
#include "nm_run.cpp"
#include "nm_task.cpp"
