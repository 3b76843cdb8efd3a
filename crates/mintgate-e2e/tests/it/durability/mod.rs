//! What was promised holds: through kills, full disks, damaged files and clocks that jump.

mod backup;
mod clock;
mod crash;
mod folder;
mod full_disk;
mod repeated;
mod revocation;
mod store_file;
