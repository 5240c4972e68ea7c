window.plan = [];
