"""What every order, report and kind is made of: frozen values with camelCase JSON."""

from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Shape(BaseModel):
    """JSON is camelCase, values are frozen, numbers finite; unknown fields of another version are ignored."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        frozen=True,
        extra="ignore",
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )

    def to_json(self) -> str:
        """The compact JSON that goes into a variable, a file or a termination message."""
        return self.model_dump_json(by_alias=True, exclude_none=True)


M = TypeVar("M", bound=BaseModel)


def replaced(model: M, **changes: Any) -> M:
    """The model with other values in these fields. Raises TypeError for a field that it does not have."""
    unknown = changes.keys() - type(model).model_fields.keys()
    if unknown:
        raise TypeError(f"{type(model).__name__} has no field {', '.join(sorted(unknown))}")
    return model.model_copy(update=changes)


def printable(text: str) -> str:
    """The text with a space for each character that a terminal might obey, and for each half of a surrogate pair."""
    return "".join(character if character.isprintable() else " " for character in text)


Prose = Annotated[str, AfterValidator(printable)]
"""Text for people. Control characters and the halves of undecodable file names become spaces."""
