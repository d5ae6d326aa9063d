"""What the owners of a project set for it; kept and shown, nothing on this server depends on it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProjectSettings:
    """The settings, as they are for a new project.

    managed_slow_ms: the threshold for slow operations is managed by the service; not one of the flags
    that the settings resource shows.
    """

    is_atlas_home_page_ai_assistant_enabled: bool = True
    is_cluster_ai_assistant_enabled: bool = True
    is_collect_database_specifics_statistics_enabled: bool = True
    is_data_explorer_enabled: bool = True
    is_data_explorer_gen_ai_features_enabled: bool = True
    is_data_explorer_gen_ai_sample_document_passing_enabled: bool = False
    is_data_validation_enabled: bool = False
    is_extended_storage_sizes_enabled: bool = False
    is_native_reranking_enabled: bool = False
    is_performance_advisor_enabled: bool = True
    is_realtime_performance_panel_enabled: bool = True
    is_schema_advisor_enabled: bool = True
    managed_slow_ms: bool = True
