# Puts the catalogue's tables into a source file as string literals; docs/decisions/0006-catalogue-in-the-binary.md says
# why. A change of a table runs CMake again.
set(catalogue_folder ${PROJECT_SOURCE_DIR}/scenarios/data/catalogue)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
  ${catalogue_folder}/instances.csv ${catalogue_folder}/prices.csv ${catalogue_folder}/ebs_prices.csv
  ${catalogue_folder}/burstable.csv ${catalogue_folder}/load_balancer_prices.csv ${catalogue_folder}/efa.csv
  ${catalogue_folder}/launches.csv ${catalogue_folder}/successors.csv)
file(READ ${catalogue_folder}/instances.csv catalog_instances)
file(READ ${catalogue_folder}/prices.csv catalog_prices)
file(READ ${catalogue_folder}/ebs_prices.csv catalog_ebs_prices)
file(READ ${catalogue_folder}/burstable.csv catalog_burstable)
file(READ ${catalogue_folder}/load_balancer_prices.csv catalog_load_balancer_prices)
file(READ ${catalogue_folder}/efa.csv catalog_efa)
file(READ ${catalogue_folder}/launches.csv catalog_launches)
file(READ ${catalogue_folder}/successors.csv catalog_successors)
set(catalogue_source ${PROJECT_BINARY_DIR}/models/catalog/embedded.cpp)
configure_file(${PROJECT_SOURCE_DIR}/models/catalog/embedded.cpp.in ${catalogue_source} @ONLY)
