//! The columns as Parquet knows them.

use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition};
use parquet::errors::Result;
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{WriterProperties, WriterPropertiesPtr};
use parquet::schema::types::{SchemaDescriptor, Type, TypePtr};

use crate::kind::{Kind, Shape};
use crate::{MOST_ROWS, attempt, segment};

/// The version of the columns. Within a version columns are added, and nothing else changes.
pub const SCHEMA_VERSION: u32 = 1;

/// What the rows of an attempt are sorted by, in each row group.
const SORTED_BY: [&str; 3] = ["server_addr", "server_port", "start"];

/// How much of each attempt a file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// The attempt.
    Attempts,
    /// The attempt and the list of its segments.
    WithSegments,
}

/// The schema of files with this content.
pub(crate) fn schema(content: Content) -> Result<TypePtr> {
    let columns = attempt::COLUMNS.iter().map(|(name, kind, shape, _)| column(name, *kind, *shape));
    let mut fields = columns.collect::<Result<Vec<_>>>()?;
    if content == Content::WithSegments {
        let columns = segment::COLUMNS.iter();
        let columns = columns.map(|(name, kind, shape, _)| column(name, *kind, *shape));
        let segment = group("element", columns.collect::<Result<_>>()?, Repetition::REQUIRED)?;
        fields.push(list("segments", segment)?);
    }
    Ok(Arc::new(Type::group_type_builder("attempt").with_fields(fields).build()?))
}

fn column(name: &str, kind: Kind, shape: Shape) -> Result<TypePtr> {
    match shape {
        Shape::One => leaf(name, kind, Repetition::REQUIRED),
        Shape::Maybe => leaf(name, kind, Repetition::OPTIONAL),
        Shape::List => list(name, leaf("element", kind, Repetition::REQUIRED)?),
        Shape::Lists => list(name, list("element", leaf("element", kind, Repetition::REQUIRED)?)?),
    }
}

fn leaf(name: &str, kind: Kind, repetition: Repetition) -> Result<TypePtr> {
    let builder = Type::primitive_type_builder(name, kind.physical());
    let builder = builder.with_logical_type(kind.logical()).with_repetition(repetition);
    Ok(Arc::new(builder.build()?))
}

fn group(name: &str, fields: Vec<TypePtr>, repetition: Repetition) -> Result<TypePtr> {
    let builder = Type::group_type_builder(name).with_fields(fields);
    Ok(Arc::new(builder.with_repetition(repetition).build()?))
}

/// A list with these elements, in the three levels that every reader knows.
fn list(name: &str, element: TypePtr) -> Result<TypePtr> {
    let repeated = group("list", vec![element], Repetition::REPEATED)?;
    let builder = Type::group_type_builder(name).with_fields(vec![repeated]);
    let builder = builder.with_logical_type(Some(LogicalType::List));
    Ok(Arc::new(builder.with_repetition(Repetition::REQUIRED).build()?))
}

/// How files are written. Nothing in it depends on when or where: the same attempts give the same bytes.
pub(crate) fn properties(schema: &TypePtr) -> WriterPropertiesPtr {
    let version = env!("CARGO_PKG_VERSION");
    let about = [
        ("synscope.schema_version", SCHEMA_VERSION.to_string()),
        ("synscope.version", version.to_owned()),
    ];
    let about = about.map(|(key, value)| KeyValue::new(key.to_owned(), value));
    let descriptor = SchemaDescriptor::new(Arc::clone(schema));
    let mut builder = WriterProperties::builder()
        .set_created_by(format!("synscope version {version}"))
        .set_key_value_metadata(Some(about.to_vec()))
        .set_sorting_columns(Some(sorting(&descriptor)))
        .set_compression(Compression::SNAPPY)
        .set_max_row_group_row_count(Some(MOST_ROWS));
    for column in descriptor.columns() {
        let Some(kind) = kind_of(column.path().parts()) else { continue };
        let path = column.path().clone();
        builder = builder.set_column_dictionary_enabled(path.clone(), kind.has_dictionary());
        if let Some(encoding) = kind.encoding() {
            builder = builder.set_column_encoding(path, encoding);
        }
    }
    Arc::new(builder.build())
}

/// What the values of the column at this path are.
fn kind_of(path: &[String]) -> Option<Kind> {
    let path: Vec<_> = path.iter().map(String::as_str).collect();
    match *path {
        ["segments", "list", "element", name, ..] => {
            segment::COLUMNS.iter().find(|column| column.0 == name).map(|column| column.1)
        }
        [name, ..] => {
            attempt::COLUMNS.iter().find(|column| column.0 == name).map(|column| column.1)
        }
        [] => None,
    }
}

fn sorting(descriptor: &SchemaDescriptor) -> Vec<SortingColumn> {
    let place = |name: &&str| {
        let mut columns = (0..).zip(descriptor.columns());
        columns.find(|(_, column)| column.name() == *name).map(|(place, _)| place)
    };
    let ascending =
        |column_idx| SortingColumn { column_idx, descending: false, nulls_first: false };
    SORTED_BY.iter().filter_map(place).map(ascending).collect()
}
