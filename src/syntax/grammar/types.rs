//! Types of arguments and properties.

use crate::quantity::QuantityType;

macro_rules! types {
    ($($(#[$doc:meta])* $variant:ident $word:literal $phrase:literal $sample:literal;)*) => {
        /// What a place takes.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum Type {
            $($(#[$doc])* #[doc = $phrase] $variant,)*
        }

        impl Type {
            /// All of them, in the order of the reference.
            pub const ALL: &'static [Type] = &[$(Type::$variant,)*];

            /// The type with this word in the table.
            pub fn parse(word: &str) -> Option<Type> {
                match word { $($word => Some(Type::$variant),)* _ => None }
            }

            /// The word in the table.
            pub fn word(self) -> &'static str {
                match self { $(Type::$variant => $word,)* }
            }

            /// For messages: "a size such as …".
            pub fn phrase(self) -> &'static str {
                match self { $(Type::$variant => $phrase,)* }
            }

            /// One such value, as it is typed.
            pub fn sample(self) -> &'static str {
                match self { $(Type::$variant => $sample,)* }
            }
        }
    };
}

types! {
    Text "text" "a text" "nightly";
    Name "name" "a name such as `risk-model`" "risk-model";
    Word "word" "a word" "day";
    Integer "integer" "a whole number such as `3`" "3";
    Number "number" "a number such as `0.85`" "0.85";
    Boolean "boolean" "`#true` or `#false`" "#true";
    Scalar "scalar" "a text, number or boolean" "42";
    Bytes "bytes" "a size such as `\"32GiB\"`" "\"32GiB\"";
    Duration "duration" "a duration such as `\"90min\"`" "\"90min\"";
    Rate "rate" "a rate such as `\"400/s\"`" "\"400/s\"";
    Bandwidth "bandwidth" "a bandwidth such as `\"10Gbit/s\"`" "\"10Gbit/s\"";
    Money "money" "an amount of money such as `\"1.10 USD/hour\"`" "\"1.10 USD/hour\"";
    MoneyRate "money-rate" "money per time such as `\"3000 USD/month\"`" "\"3000 USD/month\"";
    TransferPrice "transfer-price" "money per GB such as `\"0.02 USD/GB\"`" "\"0.02 USD/GB\"";
    Percent "percent" "a percentage such as `\"99.9%\"`" "\"99.9%\"";
    Growth "growth" "a growth such as `\"2%/month\"`" "\"2%/month\"";
    Factor "factor" "a factor such as `\"2x\"`" "\"2x\"";
    Carbon "carbon" "a carbon intensity such as `\"90g/kWh\"`" "\"90g/kWh\"";
    CarbonRate "carbon-rate" "emissions such as `\"40kg/month\"`" "\"40kg/month\"";
    Date "date" "a date such as `\"2027-06-30\"`" "\"2027-06-30\"";
    Time "time" "a time of day such as `\"06:00\"`" "\"06:00\"";
    Cron "cron" "a cron expression such as `\"0 2 * * *\"`" "\"0 2 * * *\"";
    Timezone "timezone" "an IANA time zone such as `\"Europe/Lisbon\"`" "\"Europe/Lisbon\"";
    Uri "uri" "an address such as `\"s3://bucket/path\"`" "\"s3://bucket/path\"";
    Url "url" "a web address such as `\"https://example.com\"`" "\"https://example.com\"";
    Path "path" "a path" "\"steps/train\"";
    Mount "mount" "a path in a container such as `/data`" "\"/data\"";
    Image "image" "an image reference such as `\"ghcr.io/acme/train:1.4.0\"`" "\"ghcr.io/acme/train:1.4.0\"";
    EnvName "env-name" "the name of an environment variable such as `LOG_LEVEL`" "LOG_LEVEL";
    Site "site" "a site such as `aws.eu-west-1`" "aws.eu-west-1";
    Place "place" "a country or bloc such as `br` or `eu`" "br";
    SiteOrPlace "site-or-place" "a site or a place" "eu";
    StepReference "step-reference" "the name of a step" "train";
    DataReference "data-reference" "the name of a data set" "customers";
    Output "output" "the name of an output such as `auc`" "auc";
    ListReference "list-reference" "a list: an output, a parameter or a partitioned data set" "regions";
    PipelineReference "pipeline-reference" "the name of a pipeline" "churn";
    TemplateReference "template-reference" "the name of a template" "biotool";
    Reference "reference" "an output or a parameter" "train.auc";
    Subject "subject" "an output such as `train.auc` or a metric such as `train.duration`" "train.auc";
    Condition "condition" "a condition such as `\"train.auc > 0.8\"`" "\"train.auc > 0.8\"";
    Secret "secret" "the name of a secret" "kafka-tls";
    SecretReference "secret-reference" "a key of a secret such as `huggingface.token`" "huggingface.token";
    ObjectName "object-name" "the name of a Kubernetes object such as `fast-nvme`" "fast-nvme";
    LabelKey "label-key" "the key of a Kubernetes label such as `acme.example/zone`" "\"acme.example/zone\"";
    LabelValue "label-value" "the value of a Kubernetes label such as `hall-2`" "hall-2";
    Team "team" "a team" "growth-ml";
    Promql "promql" "a PromQL expression" "\"up == 0\"";
    ValueType "type" "a type: `boolean integer number string duration bytes date list`" "number";
    Store "store" "a store" "warehouse";
    Kind "kind" "a kind of step" "training";
    Machine "machine" "a machine type such as `m7i.8xlarge`" "m7i.8xlarge";
    Gpu "gpu" "an accelerator such as `H100`" "H100";
    Pricing "pricing" "`on-demand`, `spot` or `reserved`" "spot";
    Arch "arch" "`amd64` or `arm64`" "arm64";
    CountOrPercent "count-or-percent" "a number such as `2` or a percentage such as `\"4%\"`" "\"4%\"";
}

impl Type {
    /// The quantity it is, if it is one.
    pub fn quantity(self) -> Option<QuantityType> {
        Some(match self {
            Type::Bytes => QuantityType::Bytes,
            Type::Duration => QuantityType::Duration,
            Type::Rate => QuantityType::Rate,
            Type::Bandwidth => QuantityType::Bandwidth,
            Type::Money | Type::MoneyRate | Type::TransferPrice => QuantityType::Money,
            Type::Percent => QuantityType::Percent,
            Type::Growth => QuantityType::Growth,
            Type::Factor => QuantityType::Factor,
            Type::Carbon | Type::CarbonRate => QuantityType::Carbon,
            _ => return None,
        })
    }
}
