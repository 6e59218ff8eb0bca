"""What every order, report and kind is made of: frozen values with camelCase JSON."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Shape(BaseModel):
    """JSON is camelCase, values are frozen, unknown fields of another version are passed over."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        frozen=True,
        extra="ignore",
        use_attribute_docstrings=True,
    )

    def to_json(self) -> str:
        """The compact JSON that goes into a variable, a file or a termination message."""
        return self.model_dump_json(by_alias=True, exclude_none=True)


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


Prose = Annotated[str, AfterValidator(_printable)]
"""Words for people. Control characters and the halves of undecodable file names become spaces."""
