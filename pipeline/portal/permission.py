"""Who may decide: whom Airflow's auth manager lets answer the pending actions of a topic's DAG."""

from __future__ import annotations

from typing import Any

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
from airflow.models.dag import DagModel


def may_answer(user: Any, dag_id: str) -> bool:
    """Whether this user may answer a pending action of this DAG, as Airflow's own API asks it."""
    return bool(
        get_auth_manager().is_authorized_dag(
            method="PUT",
            access_entity=DagAccessEntity.HITL_DETAIL,
            details=DagDetails(id=dag_id, team_name=DagModel.get_team_name(dag_id)),
            user=user,
        )
    )


def name_of(user: Any) -> str:
    """The name that Airflow signs this user's answers with."""
    return str(user.get_name() or user.get_id() or "unknown")
