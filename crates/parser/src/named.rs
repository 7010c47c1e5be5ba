//! Enums whose values have names.

/// Declares an enum together with the name that each of its values has in every view. A value can't
/// be declared without a name, and `NAMES` can't lack one; where no value has a field, `ALL` lists
/// the values.
#[macro_export]
macro_rules! named {
    ($(#[$meta:meta])* $vis:vis enum $enum:ident {
        $($(#[$about:meta])* $value:ident = $name:literal,)*
    }) => {
        $crate::named! { @declare $(#[$meta])* $vis enum $enum {
            $($(#[$about])* $value [] = $name,)*
        } }

        impl $enum {
            /// Every value, in the order of reports.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$value),*];
        }
    };
    ($(#[$meta:meta])* $vis:vis enum $enum:ident {
        $($(#[$about:meta])* $value:ident $(($field:ty))? $({ $($fields:tt)* })? = $name:literal,)*
    }) => {
        $crate::named! { @declare $(#[$meta])* $vis enum $enum {
            $($(#[$about])* $value [$(($field))? $({ $($fields)* })?] = $name,)*
        } }
    };
    (@declare $(#[$meta:meta])* $vis:vis enum $enum:ident {
        $($(#[$about:meta])* $value:ident [$($fields:tt)*] = $name:literal,)*
    }) => {
        $(#[$meta])*
        $vis enum $enum {
            $($(#[$about])* $value $($fields)*,)*
        }

        impl $enum {
            /// The names of all values, in the order of reports.
            pub const NAMES: [&'static str; [$($name),*].len()] = [$($name),*];

            /// Its name in every view.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$value { .. } => $name,)*
                }
            }
        }
    };
}
