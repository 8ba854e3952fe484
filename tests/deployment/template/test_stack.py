"""The CloudFormation template as a whole: what is made, what is told of it, what is left."""

import pytest

# moto says so for each resource that it leaves out; those are read from the template below.
pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS")


OUTPUTS = set(
    "Bucket DatabaseHost DatabasePort DatabaseName DatabaseSecret DatabaseInstance SiteInstance "
    "SiteAddress Vpc Subnet PrimarySecurityGroup CoreSecurityGroup EmrServiceRole EmrProfile "
    "SiteUrl".split()
)
WITHOUT_A_LAB = {"SecurityConfiguration", "ScheduleGroup", "ScheduleRole"}
