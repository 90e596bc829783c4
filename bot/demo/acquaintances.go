package demo

// Acquaint makes a person known who started the bot long ago, so that it may write to them in bulk, or who has blocked it since. The bot is
// told of neither now: it learned of the first then, and may have been away for the second.
func (t *Telegram) Acquaint(id int64, firstName, languageCode string, blocked bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.addPerson(User{ID: id, FirstName: firstName, LanguageCode: languageCode})
	t.people[id].started, t.people[id].blocked = true, blocked
}
