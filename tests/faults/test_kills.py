"""The campaign of `make kills`, in small: a real daemon under real load, killed at random moments."""

from bench import kills


def test_what_senders_were_acked_survives_kill_9_exactly_once():
    campaign = kills.run(times=5, seed=11, say=kills.Say(every=1000))
    assert (campaign.lost, campaign.doubled, campaign.failures) == (0, 0, [])
    assert campaign.acked > 500


def test_the_campaign_would_notice_a_loss(tmp_path):
    daemon = kills.prepared(tmp_path)
    for name in kills.PACE:
        kills.acked(daemon, name).write_text(f"{name}-1\n{name}-2\n")
    campaign = kills.Campaign()
    kills.compare(daemon, campaign)
    assert (campaign.lost, campaign.acked, campaign.exact) == (8, 8, False)
