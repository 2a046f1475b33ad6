//! Types of arguments and properties.

use crate::quantity::QuantityType;

macro_rules! types {
    ($($(#[$doc:meta])* $variant:ident $word:literal $phrase:literal;)*) => {
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
        }
    };
}

types! {
    Text "text" "a text";
    Name "name" "a name such as `risk-model`";
    Word "word" "a word";
    Integer "integer" "a whole number such as `3`";
    Number "number" "a number such as `0.85`";
    Boolean "boolean" "`#true` or `#false`";
    Scalar "scalar" "a text, number or boolean";
    Bytes "bytes" "a size such as `\"32GiB\"`";
    Duration "duration" "a duration such as `\"90min\"`";
    Rate "rate" "a rate such as `\"400/s\"`";
    Bandwidth "bandwidth" "a bandwidth such as `\"10Gbit/s\"`";
    Money "money" "an amount of money such as `\"1.10 USD/hour\"`";
    MoneyRate "money-rate" "money per time such as `\"3000 USD/month\"`";
    TransferPrice "transfer-price" "money per GB such as `\"0.02 USD/GB\"`";
    Percent "percent" "a percentage such as `\"99.9%\"`";
    Growth "growth" "a growth such as `\"2%/month\"`";
    Factor "factor" "a factor such as `\"2x\"`";
    Carbon "carbon" "a carbon intensity such as `\"90g/kWh\"`";
    CarbonRate "carbon-rate" "emissions such as `\"40kg/month\"`";
    Date "date" "a date such as `\"2027-06-30\"`";
    Time "time" "a time of day such as `\"06:00\"`";
    Cron "cron" "a cron expression such as `\"0 2 * * *\"`";
    Timezone "timezone" "an IANA time zone such as `\"Europe/Lisbon\"`";
    Uri "uri" "an address such as `\"s3://bucket/path\"`";
    Url "url" "a web address such as `\"https://example.com\"`";
    Path "path" "a path";
    Mount "mount" "a path in a container such as `/data`";
    Image "image" "an image reference such as `\"ghcr.io/acme/train:1.4.0\"`";
    EnvName "env-name" "the name of an environment variable such as `LOG_LEVEL`";
    Site "site" "a site such as `aws.eu-west-1`";
    Place "place" "a country or bloc such as `br` or `eu`";
    SiteOrPlace "site-or-place" "a site or a place";
    StepReference "step-reference" "the name of a step";
    DataReference "data-reference" "the name of a data set";
    OutputReference "output-reference" "an output such as `train.auc`";
    ListReference "list-reference" "a list: an output, a parameter or a partitioned data set";
    PipelineReference "pipeline-reference" "the name of a pipeline";
    TemplateReference "template-reference" "the name of a template";
    Reference "reference" "an output or a parameter";
    Subject "subject" "an output such as `train.auc` or a metric such as `train.duration`";
    Condition "condition" "a condition such as `\"train.auc > 0.8\"`";
    Secret "secret" "the name of a secret";
    SecretReference "secret-reference" "a key of a secret such as `huggingface.token`";
    ObjectName "object-name" "the name of a Kubernetes object such as `fast-nvme`";
    LabelKey "label-key" "the key of a Kubernetes label such as `acme.example/zone`";
    LabelValue "label-value" "the value of a Kubernetes label such as `hall-2`";
    Team "team" "a team";
    Promql "promql" "a PromQL expression";
    ValueType "type" "a type: `boolean integer number string duration bytes date list`";
    Store "store" "a store";
    Kind "kind" "a kind of step";
    Machine "machine" "a machine type such as `m7i.8xlarge`";
    Gpu "gpu" "an accelerator such as `H100`";
    Pricing "pricing" "`on-demand`, `spot` or `reserved`";
    Arch "arch" "`amd64` or `arm64`";
    CountOrPercent "count-or-percent" "a number such as `2` or a percentage such as `\"4%\"`";
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
