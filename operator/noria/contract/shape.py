"""What every order, report and kind is made of: frozen values with camelCase JSON."""

from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from noria.contract.text import visible


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


Prose = Annotated[str, AfterValidator(visible)]
"""Text for people. Control characters and the halves of undecodable file names become visible escapes."""
