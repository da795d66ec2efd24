"""Keys of documents: a tenant, a kind and a name make up one key."""

from budget_monitor.domain.documents import DocumentChange, DocumentKey, growth_key


def test_documents_of_other_tenants_kinds_and_names_are_other_documents() -> None:
    keys = {
        DocumentKey("acme", "rules"),
        DocumentKey("acme", "rules", ""),
        DocumentKey("globex", "rules"),
        DocumentKey("acme", "workflow", "w1"),
        DocumentKey("acme", "workflow", "w2"),
    }
    assert len(keys) == 4


def test_a_change_has_no_follow_up_work_unless_it_says_so() -> None:
    assert DocumentChange(DocumentKey("acme", "rules"), 1, {}, {}).due is False


def test_the_growth_of_a_tenant_is_kept_in_its_document_of_stripes() -> None:
    assert growth_key("acme") == DocumentKey("acme", "stripes")
