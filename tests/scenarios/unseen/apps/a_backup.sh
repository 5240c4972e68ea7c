#!/bin/bash
# The night's backup of a shop. What its steps say is stamped and kept; nobody asks whether they went well.
KEPT="$SCRATCH/kept"
mkdir -p "$KEPT" "$SCRATCH/config"
echo "host=db" > "$SCRATCH/config/shop.ini"
say() { while IFS= read -r line; do echo "$(date -Is) backup: $line"; done; }

echo "started on $(uname -s)" | say
tar czf "$KEPT/config.tar.gz" -C "$SCRATCH/config" . 2>&1 | say
echo "config: done" | say
# The volume was mounted under /srv/shop until the machine was moved.
tar czf "$KEPT/media.tar.gz" /srv/shop/media 2>&1 | say
echo "media: done" | say
find "$KEPT" -name '*.tar.gz' -mtime +14 -delete
echo "backups older than 14 days removed: 0" | say
echo "finished in ${SECONDS}s" | say
