//! The configuration in force, as admins may see it.

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use mintgate_admin::RunningSettings;
use mintgate_admin_api::RunningConfig;
use mintgate_types::Clock;

use crate::config::Config;

/// What the admin API shows of the configuration. Changes with a reload.
pub(crate) struct ShownConfig {
    // Dependencies.
    clock: Arc<dyn Clock>,
    // A plain lock: only admins ask for it, once a request.
    shown: Mutex<RunningConfig>,
}

impl ShownConfig {
    pub(crate) fn new(file: &Path, config: &Config, clock: Arc<dyn Clock>) -> Self {
        let (file, loaded) = (file.display().to_string(), clock.now());
        Self { clock, shown: Mutex::new(RunningConfig { file, loaded, settings: config.shown() }) }
    }

    /// From now on, this is in force.
    pub(crate) fn change(&self, config: &Config) {
        let mut shown = self.shown.lock().expect("no holder of this lock panics");
        shown.settings = config.shown();
        shown.loaded = self.clock.now();
    }
}

impl RunningSettings for ShownConfig {
    fn in_force(&self) -> RunningConfig {
        self.shown.lock().expect("no holder of this lock panics").clone()
    }
}
