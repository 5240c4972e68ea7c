import posthog from "./posthog.js";
posthog.init("PUBLIC_KEY", {
  api_host: "INGEST", defaults: "2026-01-30", opt_out_useragent_filter: true, disable_session_recording: true,
  disable_surveys: true, advanced_disable_feature_flags: true, capture_dead_clicks: true, capture_performance: { web_vitals: true },
  bootstrap: { distinctID: localStorage.visitor, isIdentifiedID: true },
});
window.posthog = posthog;
