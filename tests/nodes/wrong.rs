//! Values that a place does not take.

use portolan::diag::Code;
use portolan::syntax::grammar::{Slot, Type};

/// Values of a wrong type or form for `slot`, as they are typed, with what is said of each.
pub fn values(slot: &Slot) -> Vec<(&'static str, Code)> {
    let mut wrong = if slot.one_of.is_empty() {
        of_type(slot.ty)
    } else {
        vec![("#true", Code::ValueType), ("nonsense", Code::ValueChoice)]
    };
    wrong.push(("#null", Code::ValueType));
    if !slot.formatted {
        wrong.push((r#"(f)"{x}""#, Code::FormatPlace));
    }
    wrong
}

fn of_type(ty: Type) -> Vec<(&'static str, Code)> {
    match ty {
        Type::Scalar => vec![],
        Type::Boolean => vec![("maybe", Code::ValueType), ("1", Code::ValueType)],
        Type::Integer => vec![
            ("many", Code::ValueType),
            ("1.5", Code::ValueType),
            ("-3", Code::ValueRange),
        ],
        Type::Number => vec![("many", Code::ValueType), ("-0.5", Code::ValueRange)],
        Type::Percent | Type::CountOrPercent => {
            vec![("#true", Code::ValueType), (r#""120%""#, Code::ValueRange)]
        }
        Type::Bytes
        | Type::Duration
        | Type::Rate
        | Type::Bandwidth
        | Type::Money
        | Type::MoneyRate
        | Type::TransferPrice
        | Type::Growth
        | Type::Factor
        | Type::Carbon
        | Type::CarbonRate => vec![
            ("#true", Code::ValueType),
            ("7", Code::ValueUnit),
            (r#""7 parsecs""#, Code::ValueUnit),
            ("much", Code::ValueType),
        ],
        Type::Date | Type::Time => vec![("#true", Code::ValueType), ("tomorrow", Code::ValueType)],
        Type::Name => vec![("#true", Code::ValueType), ("Big_Name", Code::NameForm)],
        Type::EnvName => vec![("#true", Code::ValueType), ("log-level", Code::NameForm)],
        Type::Cron => vec![("#true", Code::ValueType), ("whenever", Code::ValueCron)],
        Type::Timezone => vec![("#true", Code::ValueType), ("Mars", Code::ValueTimezone)],
        Type::Uri | Type::Url => vec![("#true", Code::ValueType), ("nowhere", Code::ValueUri)],
        Type::Image => vec![("#true", Code::ValueType), (r#""a b""#, Code::ValueImage)],
        Type::Place => vec![("#true", Code::ValueType), ("atlantis", Code::ValuePlace)],
        Type::Mount => vec![("#true", Code::ValueType), ("data", Code::NameForm)],
        Type::Secret | Type::SecretReference | Type::ObjectName => {
            vec![("#true", Code::ValueType), ("No_Object", Code::NameForm)]
        }
        Type::LabelKey | Type::LabelValue => vec![("#true", Code::ValueType), ("-x", Code::NameForm)],
        Type::Condition => vec![
            ("#true", Code::ValueType),
            (r#""train.auc >""#, Code::ConditionSyntax),
        ],
        Type::Text
        | Type::Word
        | Type::Path
        | Type::Site
        | Type::SiteOrPlace
        | Type::StepReference
        | Type::DataReference
        | Type::Output
        | Type::ListReference
        | Type::PipelineReference
        | Type::TemplateReference
        | Type::Reference
        | Type::Subject
        | Type::Team
        | Type::Promql
        | Type::ValueType
        | Type::Store
        | Type::Kind
        | Type::Machine
        | Type::Gpu
        | Type::Pricing
        | Type::Arch => vec![("#true", Code::ValueType)],
    }
}
