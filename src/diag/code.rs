//! The table of diagnostic codes. Each has a page in `docs/codes/` and an input in `tests/errors/` that provokes it.

use std::fmt;

use super::Severity;

macro_rules! codes {
    ($($variant:ident $name:literal $severity:ident $title:literal;)*) => {
        /// A kind of mistake.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum Code {
            $(#[doc = $title] $variant,)*
        }

        impl Code {
            /// All codes, in the order of the reference.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// `name.unknown`
            pub fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)* }
            }

            /// Error or warning.
            pub fn severity(self) -> Severity {
                match self { $(Code::$variant => Severity::$severity,)* }
            }

            /// The mistake in a few words.
            pub fn title(self) -> &'static str {
                match self { $(Code::$variant => $title,)* }
            }

            /// The page: what, why, example, fix.
            pub fn page(self) -> &'static str {
                match self { $(Code::$variant => include_str!(concat!("../../docs/codes/", $name, ".md")),)* }
            }
        }
    };
}

codes! {
    SyntaxKdl "syntax.kdl" Error "not KDL 2";
    SyntaxNode "syntax.node" Error "no such node here";
    SyntaxProperty "syntax.property" Error "no such property";
    SyntaxArgument "syntax.argument" Error "an argument too many or too few";
    SyntaxRepeated "syntax.repeated" Error "may stand only once";
    SyntaxMissing "syntax.missing" Error "a required part is not there";
    SyntaxConflict "syntax.conflict" Error "two parts exclude each other (`image`, `build`)";
    SyntaxKind "syntax.kind" Error "not for this kind of step";
    ValueType "value.type" Error "text where a number belongs";
    ValueUnit "value.unit" Error "unit unknown or of another type";
    ValueRange "value.range" Error "outside what is possible (`\"120%\"`)";
    ValueChoice "value.choice" Error "not one of the words allowed";
    ValueCron "value.cron" Error "not a cron expression";
    ValueTimezone "value.timezone" Error "not an IANA time zone";
    ValueUri "value.uri" Error "scheme unknown or not of that site";
    ValueImage "value.image" Error "not an image reference";
    ValuePlace "value.place" Error "not a country or bloc";
    ValueBounds "value.bounds" Error "`min` above `max`, `at-least` above `at-most`";
    NameForm "name.form" Error "not of the form of a name";
    NameReserved "name.reserved" Error "a reserved word or place";
    NameDuplicate "name.duplicate" Error "one name for two things";
    NameUnknown "name.unknown" Error "nothing has this name";
    NameKind "name.kind" Error "a step where data belongs";
    NameLength "name.length" Error "too long for what will be created";
    NameUnused "name.unused" Warning "a parameter or template nobody uses";
    IncludeMissing "include.missing" Error "no such file";
    IncludeCircle "include.circle" Error "files include each other";
    TemplateCircle "template.circle" Error "templates use each other";
    TemplateParameter "template.parameter" Error "unknown, missing or of another type";
    TemplateFile "template.file" Error "a file of `--templates` that overrides nothing or cannot be filled in";
    FormatReference "format.reference" Error "unknown or unreachable name in `(f)`";
    FormatPlace "format.place" Error "`(f)` is not allowed here";
    FormatBrace "format.brace" Error "a brace is not closed";
    GraphCycle "graph.cycle" Error "steps wait for each other";
    GraphEmpty "graph.empty" Error "a pipeline without steps";
    GraphWriters "graph.writers" Error "two steps may write one data set in one run";
    GraphUnwritten "graph.unwritten" Error "read, but nobody writes it and it has no `at`";
    GraphFinally "graph.finally" Error "depends on a `finally` step";
    GraphOtherwise "graph.otherwise" Error "names a step without `when`";
    GraphSkipped "graph.skipped" Warning "uses an output of one alternative; the data set has it for all";
    GraphKind "graph.kind" Error "`after` a step that never ends";
    GraphRedundant "graph.redundant" Warning "`after` what data flow already orders";
    GraphPrevious "graph.previous" Error "`version=previous` of data this pipeline does not write";
    EachSource "each.source" Error "not a list, and not a partitioned data set";
    EachAggregate "each.aggregate" Error "a list where one value belongs";
    EachTwin "each.twin" Warning "two blocks over one list: one block lets items run on";
    EachTable "each.table" Error "rows with different columns";
    EachChoose "each.choose" Error "`highest=` of what is no fan-out, or not emitted";
    EachSize "each.size" Error "more items or text than a workflow can hold";
    ConditionSyntax "condition.syntax" Error "not a condition";
    ConditionType "condition.type" Error "sides of unlike type";
    ConditionConstant "condition.constant" Warning "always true or always false";
    ConditionSubject "condition.subject" Error "a metric where only outputs are known";
    ParameterDefault "parameter.default" Error "default outside its `min`, `max`, or none where runs start by themselves";
    TriggerData "trigger.data" Error "DATA has nothing to watch";
    SecretLiteral "secret.literal" Error "a secret's value stands in the file";
    ImageUnpinned "image.unpinned" Warning "a tag whose digest is not in the lock";
    DataPartition "data.partition" Error "`last=` or `from=` needs `partitions`";
    DataSite "data.site" Error "its site is not in the platform";
    DataStore "data.store" Warning "kept in a bucket: its store cannot be where it is needed";
    DataSize "data.size" Warning "no size and no history: guessed";
    CacheUnversioned "cache.unversioned" Error "cached, but an input has no digest";
    ResidencyEmpty "residency.empty" Error "inputs may not meet anywhere";
    ResidencySite "residency.site" Error "`at`, `only` or `hub` is outside";
    ResidencyDeclassify "residency.declassify" Error "nothing to lift, or no reason";
    ResidencyJurisdiction "residency.jurisdiction" Error "a cluster without `jurisdiction`";
    PromiseKind "promise.kind" Error "not for this step";
    PromiseImpossible "promise.impossible" Error "cannot hold even alone (with the bound)";
    PromiseConflict "promise.conflict" Error "cannot hold together (the smallest set)";
    PromiseQuality "promise.quality" Warning "holds with less than 5 % to spare";
    NeedsMachine "needs.machine" Error "no machine is that large";
    NeedsGpu "needs.gpu" Error "no such accelerator in the sites allowed";
    NeedsQuota "needs.quota" Error "more than the quota, ever";
    NeedsCheckpoint "needs.checkpoint" Warning "hours on spot without `checkpoint`";
    NeedsTimeout "needs.timeout" Warning "a `timeout` below the predicted run time";
    PlaceNone "place.none" Error "`only` and `never` leave no site";
    PlaceTogether "place.together" Error "`with` and `apart` contradict";
    PlatformNone "platform.none" Error "no platform, or several and none chosen";
    PlatformRegion "platform.region" Error "no such region";
    PlatformReservation "platform.reservation" Warning "ended before the catalogue's date, or never used";
    PlatformReceiver "platform.receiver" Warning "nobody receives this owner's alerts";
    OverlayForm "overlay.form" Error "neither a Kubernetes patch nor a Terraform override";
    OverlayUnmatched "overlay.unmatched" Error "matches nothing that is generated";
    ServeTraffic "serve.traffic" Error "no `traffic`, here or on an endpoint";
    ServeShare "serve.share" Error "shares do not add up to 100 %";
    ServeRuntime "serve.runtime" Error "cannot load what it reads";
    ServeRollout "serve.rollout" Error "no such way of replacing what serves";
    EndpointApart "endpoint.apart" Warning "its servers are in several clusters, which share nothing";
    LockStale "lock.stale" Error "lock and files disagree under `--locked`";
    ExpectSubject "expect.subject" Error "neither an output nor a metric";
    ExpectBound "expect.bound" Error "says nothing: no `min`, `max` or `within`";
    CatalogRow "catalog.row" Error "a row of a price file that cannot be used";
    HistoryColumns "history.columns" Error "a file of past runs lacks what it must have, or is of no known form";
    HistoryColumn "history.column" Warning "a column of past runs that nobody knows";
    HistoryRow "history.row" Warning "a row of past runs that cannot be used";
    HistoryValue "history.value" Warning "a measured value that cannot be true";
    HistoryUnit "history.unit" Warning "a measured value in another unit than its like";
    HistoryClock "history.clock" Warning "a time that cannot be true";
    HistoryDamaged "history.damaged" Warning "a part of portolan.history cannot be read";
    MetricsFile "metrics.file" Error "measurements or dependencies that cannot be read";
    MetricsRow "metrics.row" Warning "a part of a file of measurements that cannot be used";
    MetricsUnmatched "metrics.unmatched" Warning "something that measurements, dependencies or the baseline know alone";
    MetricsClock "metrics.clock" Warning "measurements that end before the incident, or by another clock";
    ServerUnreachable "server.unreachable" Warning "a server that does not answer";
    ServerRefused "server.refused" Warning "a server that refuses to answer";
    ServerAnswer "server.answer" Warning "an answer that breaks off, is not whole or is of another form";
    TestSubject "test.subject" Error "names what the pipeline does not have";
    TestFailed "test.failed" Error "the expectation does not hold";
    InstanceForm "instance.form" Error "not JSON of the form of an instance";
    InstanceValue "instance.value" Error "a number that cannot be";
    InstanceName "instance.name" Error "a name that is unknown or used twice";
    InstanceEmpty "instance.empty" Error "nothing to place, or nowhere to place it";
    InstanceCycle "instance.cycle" Error "tasks wait for each other";
    ImportForm "import.form" Error "not a document that can be imported";
    ImportUnsupported "import.unsupported" Error "the language cannot say what a foreign document says";
    ImportLoss "import.loss" Warning "a part of a foreign document that is left out";
    UnsupportedNode "unsupported.node" Warning "understood, but nothing is generated for it yet";
}

impl Code {
    /// The code called `name`.
    pub fn find(name: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|code| code.name() == name)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
