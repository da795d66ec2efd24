"""The prices that people set, and the price of a model.

Generated from the OpenAPI document by `make reference`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic

from budget_monitor_client.calling import Calling, R
from budget_monitor_client.values import Amount, Fields, Time


class Prices(Calling[R], Generic[R]):
    """The prices that people set, and the price of a model."""

    def set_price(
        self,
        tenant_id: str,
        *,
        by: str,
        reason: str,
        model: str | None = None,
        provider: str | None = None,
        from_: Time | None = None,
        input_usd_per_million: Amount | None = None,
        output_usd_per_million: Amount | None = None,
        cache_read_usd_per_million: Amount | None = None,
        cache_write_usd_per_million: Amount | None = None,
        cache_write_1h_usd_per_million: Amount | None = None,
        call_usd: Amount | None = None,
        second_usd: Amount | None = None,
        web_search_usd: Amount | None = None,
        input_audio_usd_per_million: Amount | None = None,
        output_audio_usd_per_million: Amount | None = None,
        cache_audio_read_usd_per_million: Amount | None = None,
        input_image_usd_per_million: Amount | None = None,
        output_image_usd_per_million: Amount | None = None,
        input_video_usd_per_million: Amount | None = None,
        output_reasoning_usd_per_million: Amount | None = None,
        generated_image_usd: Amount | None = None,
        input_image_usd: Amount | None = None,
        page_usd: Amount | None = None,
        annotated_page_usd: Amount | None = None,
        characters_usd_per_million: Amount | None = None,
        file_search_usd: Amount | None = None,
        rerank_search_usd: Amount | None = None,
        social_search_usd: Amount | None = None,
        map_search_usd: Amount | None = None,
        search_source_usd: Amount | None = None,
        code_execution_usd: Amount | None = None,
        classification_usd: Amount | None = None,
        context_tiers: Sequence[Fields] | None = None,
        service_tiers: Fields | None = None,
        surcharge_percent: Amount | None = None,
        discount_percent: Amount | None = None,
        prices: Sequence[Fields] | None = None,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Set a price, or a discount, for a tenant from a moment on.

        ``PUT /tenants/{tenant_id}/prices``

        Args:
            tenant_id: The tenant.
            model: The model's name.
            provider: The model's provider; any provider unless given.
            from_: From when on; now unless given.
            input_usd_per_million: USD per million input tokens.
            output_usd_per_million: USD per million output tokens.
            cache_read_usd_per_million: USD per million tokens read from the provider's
                cache.
            cache_write_usd_per_million: USD per million tokens written to the provider's
                cache.
            cache_write_1h_usd_per_million: The same, for tokens that stay there for an
                hour.
            call_usd: USD per call.
            second_usd: USD per second.
            web_search_usd: USD per web search that the provider's usage object counts.
            input_audio_usd_per_million: USD per million input tokens that are audio.
            output_audio_usd_per_million: USD per million output tokens that are audio.
            cache_audio_read_usd_per_million: USD per million audio tokens read from the
                cache.
            input_image_usd_per_million: USD per million input tokens that are images.
            output_image_usd_per_million: USD per million output tokens that are images.
            input_video_usd_per_million: USD per million input tokens that are video.
            output_reasoning_usd_per_million: USD per million output tokens that are
                reasoning.
            generated_image_usd: USD per image that is generated.
            input_image_usd: USD per image that goes in.
            page_usd: USD per page of a document.
            annotated_page_usd: USD per page of a document that is annotated.
            characters_usd_per_million: USD per million characters that go in.
            file_search_usd: USD per search of stored files.
            rerank_search_usd: USD per search unit of a reranker.
            social_search_usd: USD per search of social networks.
            map_search_usd: USD per query of a map.
            search_source_usd: USD per source that a search uses.
            code_execution_usd: USD per run of code.
            classification_usd: USD per classification.
            context_tiers: Prices of long calls. A tier's prices hold for all tokens of a
                call with more input tokens than it names; each needs a standard price.
            service_tiers: Prices of service tiers, speeds and places. A call in a tier that
                is not named has no price of these.
            surcharge_percent: Percent that is added to every unit price, from 0 to 1000.
            discount_percent: Percent off the published price.
            prices: A whole price sheet in place of one price: all of its prices are set, or
                none. `from` beside it is that of the prices that name none.
            expected_version: The `version` of the rules that you read; a 409 if someone
                changed them since.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("set_price", locals())

    def delete_price(
        self,
        tenant_id: str,
        *,
        model: str,
        by: str,
        reason: str,
        provider: str | None = None,
        from_: Time | None = None,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """End a tenant's price: the system's or the published price applies again.

        ``DELETE /tenants/{tenant_id}/prices``

        Args:
            tenant_id: The tenant.
            model: The model's name.
            provider: The model's provider; any provider unless given.
            from_: From when on; now unless given.
            expected_version: The `version` of the rules that you read; a 409 if someone
                changed them since.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("delete_price", locals())

    def list_prices(
        self,
        tenant_id: str,
        *,
        model: str | None = None,
        provider: str | None = None,
        at: Time | None = None,
    ) -> R:
        """List the prices set for a tenant; with a `model`, also the price in force.

        ``GET /tenants/{tenant_id}/prices``

        Args:
            tenant_id: The tenant.
            model: The model's name.
            provider: The model's provider; any provider unless given.
            at: The moment of the price; now unless given.
        """
        return self._call("list_prices", locals())

    def price_history(
        self,
        tenant_id: str,
        *,
        model: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> R:
        """List the changes of a tenant's prices, the latest first.

        ``GET /tenants/{tenant_id}/prices/history``

        Args:
            tenant_id: The tenant.
            model: The model's name.
            limit: Changes of a page; 100 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("price_history", locals())

    def set_system_price(
        self,
        *,
        by: str,
        reason: str,
        model: str | None = None,
        provider: str | None = None,
        from_: Time | None = None,
        input_usd_per_million: Amount | None = None,
        output_usd_per_million: Amount | None = None,
        cache_read_usd_per_million: Amount | None = None,
        cache_write_usd_per_million: Amount | None = None,
        cache_write_1h_usd_per_million: Amount | None = None,
        call_usd: Amount | None = None,
        second_usd: Amount | None = None,
        web_search_usd: Amount | None = None,
        input_audio_usd_per_million: Amount | None = None,
        output_audio_usd_per_million: Amount | None = None,
        cache_audio_read_usd_per_million: Amount | None = None,
        input_image_usd_per_million: Amount | None = None,
        output_image_usd_per_million: Amount | None = None,
        input_video_usd_per_million: Amount | None = None,
        output_reasoning_usd_per_million: Amount | None = None,
        generated_image_usd: Amount | None = None,
        input_image_usd: Amount | None = None,
        page_usd: Amount | None = None,
        annotated_page_usd: Amount | None = None,
        characters_usd_per_million: Amount | None = None,
        file_search_usd: Amount | None = None,
        rerank_search_usd: Amount | None = None,
        social_search_usd: Amount | None = None,
        map_search_usd: Amount | None = None,
        search_source_usd: Amount | None = None,
        code_execution_usd: Amount | None = None,
        classification_usd: Amount | None = None,
        context_tiers: Sequence[Fields] | None = None,
        service_tiers: Fields | None = None,
        surcharge_percent: Amount | None = None,
        discount_percent: Amount | None = None,
        prices: Sequence[Fields] | None = None,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Set a price, or a discount, for all tenants that have none of their own.

        ``PUT /system/prices``

        Args:
            model: The model's name.
            provider: The model's provider; any provider unless given.
            from_: From when on; now unless given.
            input_usd_per_million: USD per million input tokens.
            output_usd_per_million: USD per million output tokens.
            cache_read_usd_per_million: USD per million tokens read from the provider's
                cache.
            cache_write_usd_per_million: USD per million tokens written to the provider's
                cache.
            cache_write_1h_usd_per_million: The same, for tokens that stay there for an
                hour.
            call_usd: USD per call.
            second_usd: USD per second.
            web_search_usd: USD per web search that the provider's usage object counts.
            input_audio_usd_per_million: USD per million input tokens that are audio.
            output_audio_usd_per_million: USD per million output tokens that are audio.
            cache_audio_read_usd_per_million: USD per million audio tokens read from the
                cache.
            input_image_usd_per_million: USD per million input tokens that are images.
            output_image_usd_per_million: USD per million output tokens that are images.
            input_video_usd_per_million: USD per million input tokens that are video.
            output_reasoning_usd_per_million: USD per million output tokens that are
                reasoning.
            generated_image_usd: USD per image that is generated.
            input_image_usd: USD per image that goes in.
            page_usd: USD per page of a document.
            annotated_page_usd: USD per page of a document that is annotated.
            characters_usd_per_million: USD per million characters that go in.
            file_search_usd: USD per search of stored files.
            rerank_search_usd: USD per search unit of a reranker.
            social_search_usd: USD per search of social networks.
            map_search_usd: USD per query of a map.
            search_source_usd: USD per source that a search uses.
            code_execution_usd: USD per run of code.
            classification_usd: USD per classification.
            context_tiers: Prices of long calls. A tier's prices hold for all tokens of a
                call with more input tokens than it names; each needs a standard price.
            service_tiers: Prices of service tiers, speeds and places. A call in a tier that
                is not named has no price of these.
            surcharge_percent: Percent that is added to every unit price, from 0 to 1000.
            discount_percent: Percent off the published price.
            prices: A whole price sheet in place of one price: all of its prices are set, or
                none. `from` beside it is that of the prices that name none.
            expected_version: The `version` of the rules that you read; a 409 if someone
                changed them since.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("set_system_price", locals())

    def delete_system_price(
        self,
        *,
        model: str,
        by: str,
        reason: str,
        provider: str | None = None,
        from_: Time | None = None,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """End a price of the system: the published price applies again.

        ``DELETE /system/prices``

        Args:
            model: The model's name.
            provider: The model's provider; any provider unless given.
            from_: From when on; now unless given.
            expected_version: The `version` of the rules that you read; a 409 if someone
                changed them since.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("delete_system_price", locals())

    def list_system_prices(
        self, *, model: str | None = None, provider: str | None = None, at: Time | None = None
    ) -> R:
        """List the prices set for all tenants; with a `model`, also the price in force.

        ``GET /system/prices``

        Args:
            model: The model's name.
            provider: The model's provider; any provider unless given.
            at: The moment of the price; now unless given.
        """
        return self._call("list_system_prices", locals())

    def system_price_history(
        self, *, model: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> R:
        """List the changes of the system's prices, the latest first.

        ``GET /system/prices/history``

        Args:
            model: The model's name.
            limit: Changes of a page; 100 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("system_price_history", locals())

    def get_price(self, *, model: str, provider: str | None = None, at: Time | None = None) -> R:
        """Return the price of a model for tenants without prices of their own, and its source.

        ``GET /prices``

        Args:
            model: The model's name.
            provider: The model's provider; any provider unless given.
            at: The moment of the price; now unless given.
        """
        return self._call("get_price", locals())
