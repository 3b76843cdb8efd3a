//! `mintgate config show`

use clap::Args;
use mintgate_admin_api::{RunningConfig, paths};
use serde_json::Value;

use crate::{
    args::{FormatArgs, RemoteArgs},
    failure::Outcome,
    screen::Screen,
    table::time,
};

/// Arguments of `config show`.
#[derive(Debug, Args)]
pub(crate) struct Show {
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl Show {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let config: RunningConfig = self.remote.connect(screen)?.get(paths::CONFIG)?;
        if self.format.json {
            return screen.json(&config);
        }
        let mut lines = String::new();
        for (section, settings) in &config.settings {
            lines_of(section, settings, &mut lines);
        }
        screen.write(lines.as_bytes())?;
        screen.finish()?;
        screen.say(format_args!("{}, in force since {}", config.file, time(config.loaded)));
        Ok(())
    }
}

/// A line for each setting, with its place before it, so that one that was found needs no reading upwards.
fn lines_of(place: &str, value: &Value, lines: &mut String) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, member) in members {
                lines_of(&format!("{place}.{name}"), member, lines);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            for (position, item) in items.iter().enumerate() {
                lines_of(&format!("{place}[{position}]"), item, lines);
            }
        }
        value => {
            lines.push_str(place);
            lines.push_str(" = ");
            lines.push_str(&value.to_string());
            lines.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_a_line_that_says_where_it_stands() {
        let settings = serde_json::json!({
            "workers": 2, "listen": ["a", "b"], "limits": {}, "route": [{"path": "/", "auth": {"x": null}}]
        });
        let mut lines = String::new();
        lines_of("server", &settings, &mut lines);
        let lines: Vec<_> = lines.lines().collect();
        for line in [
            "server.workers = 2",
            "server.listen = [\"a\",\"b\"]",
            "server.limits = {}",
            "server.route[0].path = \"/\"",
            "server.route[0].auth.x = null",
        ] {
            assert!(lines.contains(&line), "{line} in {lines:?}");
        }
        assert_eq!(lines.len(), 5);
    }
}
