//! The two forms of overlays: what their columns are called.

use csv::StringRecord;

/// Names of the columns of a form.
pub(super) struct Names {
    pub cloud: &'static str,
    pub region: &'static str,
    pub machine: &'static str,
    pub cores: &'static str,
    pub memory: &'static str,
    pub accelerator: &'static str,
    pub count: &'static str,
    pub accelerator_memory: &'static str,
    pub on_demand: &'static str,
    pub spot: &'static str,
    pub basis: &'static str,
    pub architecture: &'static str,
}

const OURS: Names = Names {
    cloud: "cloud",
    region: "region",
    machine: "instance_type",
    cores: "vcpus",
    memory: "memory_gib",
    accelerator: "accelerator_name",
    count: "accelerator_count",
    accelerator_memory: "gpu_memory_gib",
    on_demand: "price_usd_per_hour",
    spot: "spot_price_usd_per_hour",
    basis: "price_basis",
    architecture: "arch",
};

const SKYPILOT: Names = Names {
    cloud: "Cloud",
    region: "Region",
    machine: "InstanceType",
    cores: "vCPUs",
    memory: "MemoryGiB",
    accelerator: "AcceleratorName",
    count: "AcceleratorCount",
    accelerator_memory: "GpuInfo",
    on_demand: "Price",
    spot: "SpotPrice",
    basis: "PriceBasis",
    architecture: "Arch",
};

/// Which form a file has, and its header.
pub(super) struct Form {
    pub names: &'static Names,
    pub header: StringRecord,
    pub skypilot: bool,
}

impl Form {
    /// Tells the form by the header.
    pub fn of(header: &StringRecord) -> Result<Form, String> {
        let skypilot = header.iter().any(|column| column == SKYPILOT.machine);
        let names = if skypilot { &SKYPILOT } else { &OURS };
        let needed = [names.machine, names.region, names.on_demand];
        let missing: Vec<&str> = needed
            .into_iter()
            .filter(|name| !header.iter().any(|column| column == *name))
            .collect();
        if missing.is_empty() {
            return Ok(Form {
                names,
                header: header.clone(),
                skypilot,
            });
        }
        Err(format!("the header lacks `{}`", missing.join("`, `")))
    }

    /// True if several rows may be zones of one region.
    pub fn has_zones(&self) -> bool {
        self.skypilot
    }
}
