"""Settings and limits of projects on the wire.

Source: contract, schema GroupSettings (one flag more is recorded); OPERATIONS.md "Companion operations".
"""

from msgspec import UNSET, Struct, UnsetType, field

from antechamber.api.atlas_v2.shapes.fields import READ_ONLY, ReadOnly, Text
from antechamber.domain.project_limits import ProjectLimit
from antechamber.domain.project_settings import ProjectSettings


class GroupSettings(Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """The settings of a project, and the body of updateGroupSettings."""

    is_atlas_home_page_ai_assistant_enabled: bool | UnsetType = UNSET
    is_cluster_ai_assistant_enabled: bool | UnsetType = UNSET
    is_collect_database_specifics_statistics_enabled: bool | UnsetType = UNSET
    is_data_explorer_enabled: bool | UnsetType = UNSET
    is_data_explorer_gen_ai_features_enabled: bool | UnsetType = field(
        name="isDataExplorerGenAIFeaturesEnabled", default=UNSET
    )
    is_data_explorer_gen_ai_sample_document_passing_enabled: bool | UnsetType = field(
        name="isDataExplorerGenAISampleDocumentPassingEnabled", default=UNSET
    )
    is_data_validation_enabled: bool | UnsetType = UNSET
    is_extended_storage_sizes_enabled: bool | UnsetType = UNSET
    is_native_reranking_enabled: bool | UnsetType = UNSET
    is_performance_advisor_enabled: bool | UnsetType = UNSET
    is_realtime_performance_panel_enabled: bool | UnsetType = UNSET
    is_schema_advisor_enabled: bool | UnsetType = UNSET


# By these names the domain knows them too.
_FLAGS = GroupSettings.__struct_fields__


def group_settings(settings: ProjectSettings) -> GroupSettings:
    """Return the shape of a project's settings, 2023-01-01."""
    return GroupSettings(**{name: getattr(settings, name) for name in _FLAGS})


def changes(body: GroupSettings) -> dict[str, bool]:
    """Return the settings that a body names, by their names in the domain."""
    named = {name: getattr(body, name) for name in _FLAGS}
    return {name: value for name, value in named.items() if value is not UNSET}


class Limit(Struct, rename="camel"):
    """A limit of a project."""

    current_usage: int
    default_limit: int
    maximum_limit: int
    name: str
    value: int


def limit(one: ProjectLimit) -> Limit:
    """Return the shape of a limit, 2023-01-01; what it limits does not exist here, so none is used."""
    return Limit(0, one.bounds.default, one.bounds.most, one.name, one.value)


class LimitRequest(Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """The body of setGroupLimit; the path has the name."""

    value: int
    name: Text | None = None
    current_usage: ReadOnly = READ_ONLY
    default_limit: ReadOnly = READ_ONLY
    links: ReadOnly = READ_ONLY
    maximum_limit: ReadOnly = READ_ONLY


class Services(Struct):
    """Where traffic of a project comes from and goes to, by service."""

    clusters: tuple[()] = ()


class IpAddresses(Struct, rename="camel"):
    """The addresses of a project's services, of which this server has none."""

    group_id: str
    services: Services
