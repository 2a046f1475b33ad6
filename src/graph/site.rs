//! Names of places where work can run: a cloud, a region, a cluster, a node group.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::catalog::{Place, Provider};

/// A SITE of the language, resolved against the platform where there is one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SiteRef {
    /// `aws`
    Cloud(Provider),
    /// `aws.eu-west-1`
    Region(Provider, String),
    /// `lab`, or `aws.eu-west-1.prod` with its region.
    Cluster {
        /// The region it is in, unless it is outside any cloud.
        region: Option<(Provider, String)>,
        /// Its name.
        cluster: String,
    },
    /// `lab.dgx`
    Nodes {
        /// The cluster.
        cluster: String,
        /// The node group.
        nodes: String,
    },
}

impl fmt::Display for SiteRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SiteRef::Cloud(provider) => write!(f, "{provider}"),
            SiteRef::Region(provider, region) => write!(f, "{provider}.{region}"),
            SiteRef::Cluster {
                region: Some((provider, region)),
                cluster,
            } => {
                write!(f, "{provider}.{region}.{cluster}")
            }
            SiteRef::Cluster {
                region: None,
                cluster,
            } => f.write_str(cluster),
            SiteRef::Nodes { cluster, nodes } => write!(f, "{cluster}.{nodes}"),
        }
    }
}

impl Serialize for SiteRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// `only` and `never` take sites and places alike.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Area {
    /// A site.
    Site(SiteRef),
    /// A country or bloc: every site whose jurisdiction lies in it.
    Place(Place),
}
