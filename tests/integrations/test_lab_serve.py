import time
import pytest
from tests.support.integrations.product import served
@pytest.fixture
def cloud(memory_cloud): return memory_cloud
def test_it(cloud):
    with served() as url:
        open("/tmp/frames-lab/url","w").write(url)
        time.sleep(7200)
